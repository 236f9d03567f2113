package dev.cairn.recorder;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What of parameters and answers is shown as [#HIDDEN]: what is a secret by its name anywhere, and
/// what the application says.
final class Redaction {

    /// What stands for a secret in CloudTrail's records.
    static final String HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

    /// Compared without case, `-` and `_`.
    private static final Set<String> SECRET_NAMES =
            Set.of(
                    "accesstoken",
                    "adminpassword",
                    "apikey",
                    "authorization",
                    "authtoken",
                    "clientsecret",
                    "cookie",
                    "cvc",
                    "cvv",
                    "idtoken",
                    "masterpassword",
                    "masteruserpassword",
                    "newpassword",
                    "oldpassword",
                    "passphrase",
                    "passwd",
                    "password",
                    "presharedkey",
                    "privatekey",
                    "refreshtoken",
                    "secret",
                    "secretaccesskey",
                    "secretbinary",
                    "secretkey",
                    "secretstring",
                    "sessiontoken",
                    "sharedsecret",
                    "temporarypassword",
                    "token",
                    "userpassword");

    static final Redaction USUAL = new Redaction(Set.of());

    private final Set<String> hidden;

    private Redaction(Set<String> hidden) {
        this.hidden = hidden;
    }

    /// The same, and more.
    ///
    /// @param names of members at any depth (`iban`), or paths from the parameters on
    ///   (`card.number`); without regard to case, and lists do not count as a level
    Redaction and(Collection<String> names) {
        if (names.isEmpty()) {
            return this;
        }
        var more = new TreeSet<>(hidden);
        names.forEach(name -> more.add(name.toLowerCase(Locale.ROOT)));
        return new Redaction(more);
    }

    /// The members of a document, with secrets hidden.
    Map<String, @Nullable Object> applied(Map<String, @Nullable Object> document) {
        return members(document, "");
    }

    private Map<String, @Nullable Object> members(Map<?, ?> document, String path) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        document.forEach((key, value) -> {
            var name = String.valueOf(key);
            var lower = name.toLowerCase(Locale.ROOT);
            var here = path.isEmpty() ? lower : path + "." + lower;
            shown.put(name, value != null && hides(lower, here) ? HIDDEN : value(value, here));
        });
        return shown;
    }

    private @Nullable Object value(@Nullable Object value, String path) {
        if (value instanceof Map<?, ?> map) {
            return members(map, path);
        }
        if (value instanceof List<?> items) {
            List<@Nullable Object> shown = new ArrayList<>(items.size());
            items.forEach(item -> shown.add(value(item, path)));
            return shown;
        }
        return value;
    }

    private boolean hides(String name, String path) {
        return hidden.contains(name)
                || hidden.contains(path)
                || SECRET_NAMES.contains(name.replace("-", "").replace("_", ""));
    }
}
