"""A CRM and marketing-automation toolkit that lives in one file its owner holds."""
