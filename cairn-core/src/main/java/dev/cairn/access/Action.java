package dev.cairn.access;

import dev.cairn.account.Allow;

/// What someone wants to do, as IAM writes it: `service:Operation`.
///
/// @param service such as `cloudtrail`; `cairn` for what AWS has no word for
/// @param operation such as `LookupEvents`
/// @param needs how much a user's key must allow for it, within their own account
/// @param reach whether it stays within an account
public record Action(String service, String operation, Allow needs, Reach reach) {

    /// How far an action goes.
    public enum Reach {
        /// Within the account of its target.
        ACCOUNT,
        /// Beyond any one account: for the root of the default account.
        ALL_ACCOUNTS
    }

    /// Recording events that belong to the target's account.
    public static final Action RECORD_EVENTS = operate("cairn", "RecordEvents");

    /// Recording events whose accounts the events themselves name.
    public static final Action RECORD_EVENTS_OF_OTHER_ACCOUNTS =
            across("cairn", "RecordEventsOfOtherAccounts");

    /// Asking whose an access key is that is used in the target's account, as a gateway in a
    /// process of its own does for each that comes.
    public static final Action IDENTIFY_CALLERS = operate("cairn", "IdentifyCallers");

    /// Looking up and searching events beyond the own account.
    public static final Action SEARCH_ALL_ACCOUNTS = across("cairn", "SearchAllAccounts");

    /// Having a report of all accounts mailed to anyone, and seeing to whom it goes by itself.
    public static final Action SEND_REPORT = across("cairn", "SendReport");

    /// Reading `/metrics` and the details of `/health`.
    public static final Action READ_METRICS = read("cairn", "ReadMetrics");

    public static final Action CREATE_ACCOUNT = across("cairn", "CreateAccount");
    public static final Action LIST_ACCOUNTS = across("cairn", "ListAccounts");

    /// Seeing the credentials of an account's root. For the root of the default account even there:
    /// else a user who may administer that account could become the root of all.
    public static final Action GET_ROOT_KEY = across("cairn", "GetRootKey");

    public static final Action CREATE_KEY = administer("cairn", "CreateKey");
    public static final Action LIST_KEYS = administer("cairn", "ListKeys");
    public static final Action REVOKE_KEY = administer("cairn", "RevokeKey");

    /// Seeing all access keys used in an account, and when each was used last.
    public static final Action LIST_CREDENTIALS = administer("cairn", "ListCredentials");

    public static final Action CREATE_TOKEN = administer("cairn", "CreateToken");
    public static final Action LIST_TOKENS = administer("cairn", "ListTokens");
    public static final Action REVOKE_TOKEN = administer("cairn", "RevokeToken");

    /// Saying who uses which access key of another server: it decides in which accounts the gateway
    /// records.
    public static final Action PUT_PRINCIPALS = across("cairn", "PutPrincipals");

    public static final Action LIST_PRINCIPALS = across("cairn", "ListPrincipals");
    public static final Action DELETE_PRINCIPAL = across("cairn", "DeletePrincipal");

    /// An action that looks at things of an account.
    public static Action read(String service, String operation) {
        return new Action(service, operation, Allow.READ, Reach.ACCOUNT);
    }

    /// An action that changes trails and stores of an account, or records its events.
    public static Action operate(String service, String operation) {
        return new Action(service, operation, Allow.OPERATE, Reach.ACCOUNT);
    }

    /// An action that administers an account.
    public static Action administer(String service, String operation) {
        return new Action(service, operation, Allow.ALL, Reach.ACCOUNT);
    }

    /// An action beyond any one account.
    public static Action across(String service, String operation) {
        return new Action(service, operation, Allow.ALL, Reach.ALL_ACCOUNTS);
    }

    /// As IAM writes it, such as `cloudtrail:LookupEvents`.
    public String name() {
        return service + ":" + operation;
    }
}
