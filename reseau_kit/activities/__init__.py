"""What is asked: questions, how authors write them, and what a released notebook carries of them."""
