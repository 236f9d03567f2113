package dev.cairn.server.courier;

import org.jspecify.annotations.Nullable;

/// A mail to one person.
///
/// @param id the same on every try, so that a mailbox can tell a repetition: letters, digits and
///   `.-_`
/// @param html the same content for mail programs that show pages; null when there is none
public record Mail(String id, String to, String subject, String text, @Nullable String html) {}
