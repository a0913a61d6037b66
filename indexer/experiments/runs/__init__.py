"""The folders of runs: where their files lie, what is recorded in them, and who works on one."""
