"""Makes the feedback pages that learners get back, from the gradebook and the answers."""
