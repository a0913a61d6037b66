"""Looking at trainings: while they learn, and at what came of them."""
