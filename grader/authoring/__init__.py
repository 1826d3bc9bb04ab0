"""For authors of the course: new weeks and new tasks, which pass at once."""
