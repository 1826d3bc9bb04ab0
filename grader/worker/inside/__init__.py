"""All that is shown to a worker beside `lib`; nothing in here is trusted."""
