"""The pages that learners get back, drawn from the gradebook and the answers."""
