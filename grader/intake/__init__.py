"""Who handed in what: files as people, archives and course systems leave them."""
