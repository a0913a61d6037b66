"""What a search needs beside the index: the encoder, the wish, the original file."""
