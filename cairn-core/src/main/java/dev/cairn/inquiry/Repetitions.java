package dev.cairn.inquiry;

import java.util.ArrayDeque;
import java.util.Deque;

/// Looks at a regular expression before it is compiled.
final class Repetitions {
    /// Beyond it sizes are all the same.
    private static final long SIZE_MAX = 1L << 40;

    private static final long COUNT_MAX = 1L << 20;

    /// Where a group begins and ends.
    private static final long GROUP_SIZE = 2;

    private final String regex;
    private int at;

    private Repetitions(String regex) {
        this.regex = regex;
    }

    /// How large its program is at least, about: each character and each class is one, and a
    /// counted repetition is so many of what it repeats.
    static long size(String regex) {
        return new Repetitions(regex).size();
    }

    private long size() {
        Deque<Long> outer = new ArrayDeque<>();
        long all = 0;
        long last = 0;
        while (at < regex.length()) {
            switch (regex.charAt(at)) {
                case '(' -> {
                    outer.push(all);
                    all = GROUP_SIZE;
                    last = GROUP_SIZE;
                    at++;
                }
                case ')' -> {
                    last = all;
                    all += outer.isEmpty() ? 0 : outer.pop();
                    at++;
                }
                case '{' -> {
                    long count = count();
                    if (count == 0) {
                        last = 1;
                        all++;
                    } else {
                        long more = last * (count - 1);
                        last += more;
                        all += more;
                    }
                }
                case '*', '+', '?' -> {
                    all++;
                    at++;
                }
                default -> {
                    int from = at;
                    boolean quoted = regex.startsWith("\\Q", at);
                    skip();
                    last = 1;
                    all += quoted ? at - from : 1;
                }
            }
            all = Math.min(all, SIZE_MAX);
            last = Math.min(last, SIZE_MAX);
        }
        while (!outer.isEmpty()) {
            all += outer.pop();
        }
        return all;
    }

    /// The larger count of `{n}`, `{n,}` or `{n,m}`, 1 at least; 0 for a brace that is none of
    /// them.
    private long count() {
        int end = regex.indexOf('}', at);
        String inside = end < 0 ? "" : regex.substring(at + 1, end);
        at++;
        if (!inside.matches("\\d{1,9}(,\\d{0,9})?")) {
            return 0;
        }
        at = end + 1;
        long count = 1;
        for (String part : inside.split(",", -1)) {
            count = Math.max(count, part.isEmpty() ? 1 : Long.parseLong(part));
        }
        return Math.min(count, COUNT_MAX);
    }

    /// Passes over a character, an escaped one, a quotation, or a class.
    private void skip() {
        if (regex.startsWith("\\Q", at)) {
            int end = regex.indexOf("\\E", at);
            at = end < 0 ? regex.length() : end + 2;
        } else if (regex.charAt(at) == '\\') {
            at += 2;
        } else if (regex.charAt(at) == '[') {
            skipClass();
        } else {
            at++;
        }
    }

    private void skipClass() {
        at++;
        if (at < regex.length() && regex.charAt(at) == '^') {
            at++;
        }
        int first = at;
        while (at < regex.length() && (at == first || regex.charAt(at) != ']')) {
            if (regex.startsWith("[:", at)) {
                int end = regex.indexOf(":]", at);
                at = end < 0 ? at + 1 : end + 2;
            } else {
                at += regex.charAt(at) == '\\' ? 2 : 1;
            }
        }
        at++;
    }

    /// The same with groups named as RE2 names them.
    static String withNames(String regex) {
        Repetitions look = new Repetitions(regex);
        StringBuilder named = new StringBuilder();
        while (look.at < regex.length()) {
            int from = look.at;
            if (regex.startsWith("(?<", from)) {
                named.append("(?P<");
                look.at += 3;
            } else {
                look.skip();
                named.append(regex, from, Math.min(look.at, regex.length()));
            }
        }
        return named.toString();
    }
}
