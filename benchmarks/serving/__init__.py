"""How a real server answers uploads: how many, how soon, where the time goes, what it needs."""
