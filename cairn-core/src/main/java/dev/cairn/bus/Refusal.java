package dev.cairn.bus;

/// Why a target did not take an event.
///
/// @param code in EventBridge's style, such as `NO_PERMISSIONS`
/// @param words for people
/// @param lasting whether it will be so until somebody changes something
public record Refusal(String code, String words, boolean lasting) {}
