package dev.cairn.alarm;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/// The rule of a composite alarm, such as `ALARM("a") AND NOT OK(b)`. Immutable.
///
/// Source: Amazon CloudWatch API Reference, PutCompositeAlarm.
public final class AlarmRule {
    private static final int NESTING_MAX = 50;

    private sealed interface Node {
        record Fixed(boolean value) implements Node {}

        record State(AlarmState.Value state, String alarm) implements Node {}

        record Not(Node of) implements Node {}

        record Both(Node left, Node right) implements Node {}

        record Either(Node left, Node right) implements Node {}
    }

    private final Node root;
    private final Set<String> alarms;

    private AlarmRule(Node root, Set<String> alarms) {
        this.root = root;
        this.alarms = Set.copyOf(alarms);
    }

    /// A rule that cannot be read. The message says where.
    public static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String message) {
            super(message, null, false, false);
        }

        /// The sentence.
        public String message() {
            String message = getMessage();
            return message == null ? "" : message;
        }
    }

    /// Reads a rule.
    public static AlarmRule of(String text) throws InvalidException {
        Reader reader = new Reader(text);
        try {
            Node root = reader.whole();
            return new AlarmRule(root, reader.alarms);
        } catch (Wrong wrong) {
            throw new InvalidException(wrong.sentence);
        }
    }

    /// The alarms that it names, by name or ARN.
    public Set<String> alarms() {
        return alarms;
    }

    /// Whether it holds.
    ///
    /// @param states of alarms by name or ARN; empty for one that is not there, which is in no
    ///   state
    public boolean holds(Function<String, Optional<AlarmState.Value>> states) {
        return holds(root, states);
    }

    private static boolean holds(Node node, Function<String, Optional<AlarmState.Value>> states) {
        return switch (node) {
            case Node.Fixed(boolean value) -> value;
            case Node.State(AlarmState.Value state, String alarm) ->
                    states.apply(alarm).filter(is -> is == state).isPresent();
            case Node.Not(Node of) -> !holds(of, states);
            case Node.Both(Node left, Node right) -> holds(left, states) && holds(right, states);
            case Node.Either(Node left, Node right) -> holds(left, states) || holds(right, states);
        };
    }

    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String sentence;

        Wrong(String sentence) {
            super(sentence, null, false, false);
            this.sentence = sentence;
        }
    }

    /// Reads from left to right. To be used once.
    private static final class Reader {
        private final String text;
        private final Set<String> alarms = new TreeSet<>();
        private int at;
        private int nesting;

        Reader(String text) {
            this.text = text;
        }

        Node whole() {
            Node node = either();
            space();
            if (at < text.length()) {
                throw wrong("the end, AND or OR");
            }
            return node;
        }

        private Node either() {
            Node node = both();
            while (word("OR")) {
                node = new Node.Either(node, both());
            }
            return node;
        }

        private Node both() {
            Node node = single();
            while (word("AND")) {
                node = new Node.Both(node, single());
            }
            return node;
        }

        private Node single() {
            if (word("NOT")) {
                return new Node.Not(deeper(this::single));
            }
            if (word("TRUE")) {
                return new Node.Fixed(true);
            }
            if (word("FALSE")) {
                return new Node.Fixed(false);
            }
            for (AlarmState.Value state : AlarmState.Value.values()) {
                if (word(state.name())) {
                    return new Node.State(state, alarm());
                }
            }
            if (take('(')) {
                Node node = deeper(this::either);
                need(')');
                return node;
            }
            throw wrong("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or a parenthesis");
        }

        private Node deeper(Supplier<Node> part) {
            if (++nesting > NESTING_MAX) {
                throw wrong("at most %d levels".formatted(NESTING_MAX));
            }
            Node node = part.get();
            nesting--;
            return node;
        }

        private String alarm() {
            need('(');
            space();
            char quote = at < text.length() ? text.charAt(at) : ' ';
            boolean quoted = quote == '"' || quote == '\'';
            int from = quoted ? at + 1 : at;
            int end = text.indexOf(quoted ? quote : ')', from);
            if (end < 0) {
                throw wrong("the end of an alarm's name");
            }
            String name = quoted ? text.substring(from, end) : text.substring(from, end).strip();
            if (name.isEmpty()) {
                throw wrong("an alarm's name");
            }
            at = quoted ? end + 1 : end;
            need(')');
            alarms.add(name);
            return name;
        }

        private void space() {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
        }

        private boolean word(String word) {
            space();
            int end = at + word.length();
            if (text.startsWith(word, at) && (end == text.length() || !isWord(text.charAt(end)))) {
                at = end;
                return true;
            }
            return false;
        }

        private static boolean isWord(char c) {
            return Character.isLetterOrDigit(c) || c == '_';
        }

        private boolean take(char token) {
            space();
            if (at < text.length() && text.charAt(at) == token) {
                at++;
                return true;
            }
            return false;
        }

        private void need(char token) {
            if (!take(token)) {
                throw wrong("" + token);
            }
        }

        private Wrong wrong(String expected) {
            return new Wrong("expected %s at position %d".formatted(expected, at + 1));
        }
    }
}
