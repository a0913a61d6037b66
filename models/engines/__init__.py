"""Engines that run an encoder: the same features at different speed."""
