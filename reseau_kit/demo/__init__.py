"""A sample course: invented people, their answers, and their hand-ins, damaged ones included."""
