package dev.cairn.server.configuration;

/// A setting that cannot be used. The message names the key, what was expected and what came.
public final class SettingException extends Exception {
    private static final long serialVersionUID = 1L;

    public SettingException(String message) {
        super(message);
    }
}
