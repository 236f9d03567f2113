package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.AccessKey;
import dev.cairn.account.Account;
import dev.cairn.account.Accounts;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Event;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Query;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Cairn's own ListCredentials: every access key that Cairn, the gateway's directory or an event
/// knows, with its last use, in the spirit of IAM's credential report.
///
/// Answers in lines of JSON, a key a line, as they are found: Cairn's own by account, those of the
/// directory, then those that only events have. The last use is one question to history for each
/// key, so it costs keys, not events; which keys events have is read from the index. Temporary keys
/// (`ASIA…`) come by the thousand, and only where they are asked for.
final class Credentials {
    static final String TEMPORARY = "ASIA";

    /// So many keys of events are looked at.
    static final int KEYS_MAX = 100_000;

    private static final String PATH = "userIdentity.accessKeyId";
    private static final int PAGE = 1000;
    private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");

    private final Accounts accounts;
    private final Principals principals;
    private final History history;
    private final Searches searches;

    Credentials(Accounts accounts, Principals principals, History history, Searches searches) {
        this.accounts = accounts;
        this.principals = principals;
        this.history = history;
        this.searches = searches;
    }

    Reply list(Invocation call) {
        var asked =
                new Asked(searches.accounts(call), call.input().path("temporary").asBoolean(false));
        return Reply.streamed(
                200,
                "application/x-ndjson",
                out -> {
                    try {
                        new Listing(asked, out).write();
                    } catch (CatalogException | HistoryException failure) {
                        throw new IOException("the list broke off", failure);
                    }
                });
    }

    /// @param accounts whose; null for all
    private record Asked(@Nullable Set<String> accounts, boolean temporary) {
        boolean takes(String account) {
            return accounts == null || accounts.contains(account);
        }

        boolean takesKey(String id) {
            return temporary || !id.startsWith(TEMPORARY);
        }
    }

    private final class Listing {
        private final Asked asked;
        private final OutputStream out;
        private int keys;

        Listing(Asked asked, OutputStream out) {
            this.asked = asked;
            this.out = out;
        }

        void write() throws CatalogException, HistoryException, IOException {
            own();
            directory();
            var whole = events();
            var last = JsonNodeFactory.instance.objectNode().put("done", true).put("keys", keys);
            if (!whole) {
                last.put(
                        "note",
                        "events have more than %,d access keys; the rest is left out"
                                .formatted(KEYS_MAX));
            }
            line(last);
        }

        // ---- who knows them -------------------------------------------------------------------

        private void own() throws CatalogException, HistoryException, IOException {
            var after = "";
            List<Account> page;
            do {
                page = accounts.accounts(after, PAGE);
                for (var account : page) {
                    after = account.id();
                    if (asked.takes(account.id())) {
                        own(account.id());
                    }
                }
            } while (page.size() == PAGE);
        }

        private void own(String account) throws CatalogException, HistoryException, IOException {
            var after = "";
            List<AccessKey> page;
            do {
                page = accounts.keys(account, after, PAGE);
                for (var key : page) {
                    after = key.id();
                    var json =
                            key(key.id(), account, "cairn", "Active")
                                    .put("user", Objects.requireNonNullElse(key.user(), "root"))
                                    .put("created", key.created().toString())
                                    .put("allow", key.allow().name().toLowerCase(Locale.ROOT));
                    line(used(json, lastUse(key.id())));
                }
            } while (page.size() == PAGE);
        }

        private void directory() throws CatalogException, HistoryException, IOException {
            var after = "";
            List<Principal> page;
            do {
                page = principals.list(after, PAGE);
                for (var principal : page) {
                    after = principal.accessKeyId();
                    if (asked.takes(principal.account()) && asked.takesKey(after)) {
                        var json = key(after, principal.account(), "gateway", "Known");
                        json.put("user", user(principal)).put("type", principal.type().wireName());
                        line(used(json, lastUse(after)));
                    }
                }
            } while (page.size() == PAGE);
        }

        private static String user(Principal principal) {
            return principal.type() == Principal.Type.ROOT
                    ? "root"
                    : principal.session().isEmpty()
                            ? principal.name()
                            : principal.name() + "/" + principal.session();
        }

        /// Those that nobody knows any more, or ever did.
        private boolean events() throws CatalogException, HistoryException, IOException {
            var after = "";
            var looked = 0;
            var jumped = false;
            boolean more;
            do {
                var page = history.values(PATH, after, PAGE);
                more = page.size() == PAGE;
                for (var id : page) {
                    after = id;
                    if (!asked.takesKey(id)) {
                        if (!jumped) {
                            // Behind nearly all of them at once.
                            jumped = true;
                            after = TEMPORARY + '\uffff';
                            more = true;
                            break;
                        }
                        continue;
                    }
                    if (++looked > KEYS_MAX) {
                        return false;
                    }
                    event(id);
                }
            } while (more);
            return true;
        }

        private void event(String id) throws CatalogException, HistoryException, IOException {
            // Events have what strangers wrote, also what no key can be.
            var known =
                    KEY.matcher(id).matches()
                            && (accounts.signer(id).isPresent() || principals.find(id).isPresent());
            if (known) {
                return;
            }
            var last = lastUse(id);
            if (last != null) {
                var json = key(id, last.place().account(), "events", "Unknown");
                if (last.username() != null) {
                    json.put("user", last.username());
                }
                line(used(json, last));
            }
        }

        // ---- what is told ---------------------------------------------------------------------

        private static ObjectNode key(String id, String account, String known, String status) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("accessKeyId", id)
                    .put("account", account)
                    .put("knownTo", known)
                    .put("status", status);
        }

        private @Nullable Event lastUse(String id) throws HistoryException {
            var page =
                    history.search(
                            new Query(
                                    new Condition.Is(PATH, id),
                                    null,
                                    asked.accounts(),
                                    Query.EARLIEST,
                                    Query.LATEST,
                                    null,
                                    1));
            return page.hits().isEmpty() ? null : page.hits().getFirst().event();
        }

        private static ObjectNode used(ObjectNode json, @Nullable Event last) {
            if (last == null) {
                return json;
            }
            json.put("lastUsed", last.time().toString())
                    .put("lastUsedRegion", last.place().region())
                    .put("lastUsedService", last.source())
                    .put("lastUsedEvent", last.name());
            if (last.sourceIpAddress() != null) {
                json.put("lastUsedFrom", last.sourceIpAddress());
            }
            if (last.principalArn() != null) {
                json.put("arn", last.principalArn());
            }
            return json;
        }

        private void line(ObjectNode json) throws IOException {
            keys += json.has("accessKeyId") ? 1 : 0;
            out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }
}
