"""Going through the checklists of a deployment, and their record."""
