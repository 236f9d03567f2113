package dev.cairn.server.operation;

import java.util.Optional;

/// What Cairn can reach, and may.
public interface Receivers {

    /// Why messages may not go to that host; empty when they may, or when its name is not known
    /// now: each delivery asks again.
    Optional<String> refusal(String host);

    /// Whether there is a mail server to give mails to.
    boolean takesMail();
}
