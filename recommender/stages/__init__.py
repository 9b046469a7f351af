"""What each stage of the workflow does: call a room, keep its result in the run's folder, count."""
