"""Finds out who handed in what, from files, archives and exports of course systems."""
