"""What the commands of `flask evaluate` share."""
