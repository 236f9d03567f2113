package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.AccessKey;
import dev.cairn.account.Account;
import dev.cairn.account.Accounts;
import dev.cairn.account.Allow;
import dev.cairn.account.Token;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Cairn's own operations on accounts, access keys and tokens.
final class AccountOperations {
    private static final int PAGE = 100;

    private final Accounts accounts;
    private final Runnable rootKeyMayHaveEnded;
    private final String region;

    AccountOperations(Accounts accounts, Runnable rootKeyMayHaveEnded, String region) {
        this.accounts = accounts;
        this.rootKeyMayHaveEnded = rootKeyMayHaveEnded;
        this.region = region;
    }

    ObjectNode createAccount(Invocation call, Transaction transaction) throws CatalogException {
        var account =
                accounts.create(
                        transaction,
                        call.input().path("accountId").asText(null),
                        call.input().path("name").asText(null));
        var output = JsonNodeFactory.instance.objectNode();
        output.set("account", account(account));
        return output;
    }

    ObjectNode listAccounts(Invocation call) throws CatalogException {
        var page = accounts.accounts(after(call), limit(call));
        return page(call, "accounts", page, Account::id, AccountOperations::account);
    }

    /// The account that a call names: `default` is the default account.
    String account(Invocation call) {
        var named = call.text("accountId", "default");
        return named.equals("default") ? accounts.defaultAccount() : named;
    }

    ObjectNode getRootCredentials(Invocation call, Transaction transaction)
            throws CatalogException {
        var credentials = accounts.rootKey(transaction, account(call));
        return JsonNodeFactory.instance
                .objectNode()
                .put("accessKeyId", credentials.accessKeyId())
                .put("secretAccessKey", credentials.secretAccessKey().reveal())
                .put("region", region);
    }

    ObjectNode createKey(Invocation call, Transaction transaction) throws CatalogException {
        var account = call.text("accountId", call.caller().account());
        var user = call.text("userName", "");
        var allow = Allow.valueOf(call.text("allow", "").toUpperCase(Locale.ROOT));
        var credentials = accounts.createKey(transaction, account, user, allow);
        var output = JsonNodeFactory.instance.objectNode();
        output.putObject("key")
                .put("accessKeyId", credentials.accessKeyId())
                .put("accountId", account)
                .put("userName", user)
                .put("allow", allow.name().toLowerCase(Locale.ROOT))
                .put("createTime", call.now().getEpochSecond());
        output.put("secretAccessKey", credentials.secretAccessKey().reveal());
        return output;
    }

    ObjectNode listKeys(Invocation call) throws CatalogException {
        var account = call.text("accountId", call.caller().account());
        var page = accounts.keys(account, after(call), limit(call));
        return page(call, "keys", page, AccessKey::id, AccountOperations::key);
    }

    ObjectNode revokeKey(Invocation call, Transaction transaction) throws CatalogException {
        var account = call.text("accountId", call.caller().account());
        if (account.equals(accounts.defaultAccount())) {
            transaction.atEnd(rootKeyMayHaveEnded);
        }
        accounts.revokeKey(transaction, account, call.text("accessKeyId", ""));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode createToken(Invocation call, Transaction transaction) throws CatalogException {
        var made =
                accounts.createToken(
                        transaction,
                        call.text("accountId", call.caller().account()),
                        Token.Purpose.valueOf(call.text("purpose", "").toUpperCase(Locale.ROOT)));
        var output = JsonNodeFactory.instance.objectNode();
        output.set("token", token(made.token()));
        output.put("secret", made.bearer().reveal());
        return output;
    }

    ObjectNode listTokens(Invocation call) throws CatalogException {
        var account = call.text("accountId", call.caller().account());
        var page = accounts.tokens(account, after(call), limit(call));
        return page(call, "tokens", page, Token::id, AccountOperations::token);
    }

    ObjectNode revokeToken(Invocation call, Transaction transaction) throws CatalogException {
        accounts.revokeToken(
                transaction,
                call.text("accountId", call.caller().account()),
                call.text("tokenId", ""));
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode account(Account account) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("accountId", account.id())
                .put("name", account.name())
                .put("origin", account.origin().name().toLowerCase(Locale.ROOT))
                .put("createTime", account.created().getEpochSecond());
    }

    private static ObjectNode key(AccessKey key) {
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("accessKeyId", key.id())
                        .put("accountId", key.account())
                        .put("allow", key.allow().name().toLowerCase(Locale.ROOT))
                        .put("createTime", key.created().getEpochSecond());
        if (key.user() != null) {
            json.put("userName", key.user());
        }
        return json;
    }

    private static ObjectNode token(Token token) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("tokenId", token.id())
                .put("accountId", token.account())
                .put("purpose", token.purpose().name().toLowerCase(Locale.ROOT))
                .put("createTime", token.created().getEpochSecond());
    }

    static int limit(Invocation call) {
        return call.number("limit", PAGE);
    }

    static String after(Invocation call) {
        return NameToken.after(call, "nextToken");
    }

    static <T> ObjectNode page(
            Invocation call,
            String member,
            List<T> page,
            Function<T, String> id,
            Function<T, ObjectNode> json) {
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray(member);
        for (var item : page) {
            items.add(json.apply(item));
        }
        if (page.size() == limit(call)) {
            output.put("nextToken", NameToken.of(id.apply(page.getLast())));
        }
        return output;
    }
}
