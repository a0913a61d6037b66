"""Finds how much a search must do so that it finds the wanted part of the true neighbours."""
