"""What is made of pictures, parts and distorted copies, and their features."""
