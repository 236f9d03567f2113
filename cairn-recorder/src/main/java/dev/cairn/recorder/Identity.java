package dev.cairn.recorder;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who made a call: `userIdentity` of a record ([AWS's
/// page](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)).
///
/// In its texts `{account}` stands for the recorder's account.
///
/// @param members as they stand in the record
public record Identity(Map<String, @Nullable Object> members) {

    static final String ACCOUNT = "{account}";

    /// @throws IllegalArgumentException for a value that is not text, number, boolean, list or map
    public Identity {
        members = Values.members(members);
    }

    /// A person or program that the application knows by a name: `IAMUser`, with an ARN in the
    /// recorder's account.
    public static Identity user(String name) {
        var members = members("IAMUser", name, "arn:aws:iam::" + ACCOUNT + ":user/" + name);
        members.put("userName", name);
        return new Identity(members);
    }

    /// Someone who acts in a role.
    ///
    /// @param session tells who of those that may
    public static Identity role(String role, String session) {
        var members =
                members(
                        "AssumedRole",
                        role + ":" + session,
                        "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + role + "/" + session);
        Map<String, @Nullable Object> issuer =
                members("Role", role, "arn:aws:iam::" + ACCOUNT + ":role/" + role);
        issuer.put("userName", role);
        members.put("sessionContext", Map.of("sessionIssuer", issuer));
        return new Identity(members);
    }

    /// A service that acts of its own accord.
    ///
    /// @param name such as `billing.example.com`
    public static Identity service(String name) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "AWSService");
        members.put("invokedBy", name);
        return new Identity(members);
    }

    /// Whoever holds an access key, which is all that is known of them.
    public static Identity accessKey(String accessKeyId) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "Unknown");
        members.put("principalId", "");
        members.put("accountId", ACCOUNT);
        members.put("accessKeyId", accessKeyId);
        return new Identity(members);
    }

    /// Someone who did not say who they are, as S3 records them.
    public static Identity anonymous() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "AWSAccount");
        members.put("principalId", "");
        members.put("accountId", "ANONYMOUS_PRINCIPAL");
        return new Identity(members);
    }

    private static Map<String, @Nullable Object> members(String type, String id, String arn) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", type);
        members.put("principalId", id);
        members.put("arn", arn);
        members.put("accountId", ACCOUNT);
        return members;
    }

    /// The same with one member more, or another value of it.
    public Identity with(String member, String value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Identity(more);
    }
}
