//! Finding a conversation by its shape alone.
