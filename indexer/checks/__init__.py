"""What a build must pass before it goes live, and a precision before it is used."""
