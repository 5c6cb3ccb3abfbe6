"""What is counted and handed out: confirmation rates and exports. Looks only; changes nothing."""
