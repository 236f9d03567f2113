package dev.cairn.access;

import java.util.BitSet;

/// `*` for any text, `?` for any one character. Linear in pattern times text, never more.
final class Wildcards {
    private Wildcards() {}

    static boolean match(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /// Whether a pattern matches every text that begins so.
    static boolean matchAll(String pattern, String prefix) {
        return pattern.endsWith("*") && match(pattern, prefix);
    }

    /// Whether a pattern matches some text that begins so. Linear in pattern times prefix.
    static boolean matchSome(String pattern, String prefix) {
        // Where in the pattern one can be when that much of the prefix is read.
        var at = new BitSet(pattern.length() + 1);
        at.set(0);
        for (int t = 0; t <= prefix.length(); t++) {
            for (int p = 0; p < pattern.length(); p++) {
                if (at.get(p) && pattern.charAt(p) == '*') {
                    at.set(p + 1);
                }
            }
            if (t == prefix.length() || at.isEmpty()) {
                break;
            }
            var next = new BitSet(pattern.length() + 1);
            for (int p = at.nextSetBit(0);
                    p >= 0 && p < pattern.length();
                    p = at.nextSetBit(p + 1)) {
                char c = pattern.charAt(p);
                if (c == '*') {
                    next.set(p);
                } else if (c == '?' || c == prefix.charAt(t)) {
                    next.set(p + 1);
                }
            }
            at = next;
        }
        return !at.isEmpty();
    }

    /// As [#match], part by part of an ARN: a `*` does not reach over a colon, but in the last
    /// part.
    static boolean matchArn(String pattern, String arn) {
        String[] patterns = pattern.split(":", 6);
        String[] parts = arn.split(":", 6);
        if (patterns.length != 6 || parts.length != 6) {
            return pattern.equals("*");
        }
        for (int i = 0; i < 6; i++) {
            if (!match(patterns[i], parts[i])) {
                return false;
            }
        }
        return true;
    }
}
