"""Figures, periods and places to positions on a drawing; templates draw them."""
