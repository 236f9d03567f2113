package dev.cairn.account;

/// How much a key lets its user do, and how much an action asks for. Each includes those before it.
public enum Allow {
    /// Look at what is there.
    READ,
    /// Change trails and stores, and record events of the own account.
    OPERATE,
    /// Administer the own account: its keys and tokens too.
    ALL;

    /// Whether this much is enough for what needs that much.
    public boolean includes(Allow needed) {
        return compareTo(needed) >= 0;
    }
}
