package dev.cairn.recorder.servlet;

import dev.cairn.recorder.Identity;
import jakarta.servlet.http.HttpServletRequest;

/// Whose call a request is. Any thread may ask.
@FunctionalInterface
public interface Who {
    Identity of(HttpServletRequest request);
}
