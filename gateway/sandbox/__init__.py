"""A phone network on one machine that speaks Twilio's REST and webhooks; it reaches nobody."""
