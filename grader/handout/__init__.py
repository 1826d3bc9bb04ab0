"""Makes what students get: the course without solutions, and a workflow that grades."""
