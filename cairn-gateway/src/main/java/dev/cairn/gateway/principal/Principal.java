package dev.cairn.gateway.principal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.regex.Pattern;

/// Who uses an access key of the upstream.
///
/// @param accessKeyId 1 to 128 visible characters
/// @param type what kind of identity
/// @param account the twelve digits of their account
/// @param name of the user, the role, the federated user, or the service (`backup.example.com`);
///   empty for ROOT
/// @param session of a role; empty for others
/// @param principalId `AIDA…` of a user, `AROA…` of a role; made from account and name where none
///   is given, always the same
public record Principal(
        String accessKeyId,
        Type type,
        String account,
        String name,
        String session,
        String principalId) {

    /// Kinds of identity, as `userIdentity.type` has them.
    public enum Type {
        ROOT("Root"),
        IAM_USER("IAMUser"),
        ASSUMED_ROLE("AssumedRole"),
        FEDERATED_USER("FederatedUser"),
        AWS_SERVICE("AWSService");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }

        static Type of(String wireName) {
            for (var type : values()) {
                if (type.wireName.equals(wireName)) {
                    return type;
                }
            }
            throw new IllegalArgumentException(
                    "expected a type of Root, IAMUser, AssumedRole, FederatedUser or AWSService, got '%s'"
                            .formatted(wireName));
        }
    }

    private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    /// Names and paths of IAM, and host names of services.
    private static final Pattern NAME = Pattern.compile("[\\w+=,.@/-]{1,512}");

    private static final Pattern SESSION = Pattern.compile("[\\w+=,.@-]{1,64}");
    private static final Pattern ID = Pattern.compile("[\\w:.@-]{1,128}");
    private static final int ID_CHARS = 17;

    /// @throws IllegalArgumentException saying what was expected
    public Principal {
        expect(KEY, accessKeyId, "an accessKeyId of 1 to 128 visible characters");
        expect(ACCOUNT, account, "an accountId of twelve digits");
        switch (type) {
            case ROOT -> expectNone(name, "name");
            case IAM_USER, ASSUMED_ROLE, FEDERATED_USER, AWS_SERVICE ->
                    expect(NAME, name, "a name of letters, digits and _+=,.@/-");
        }
        if (type == Type.ASSUMED_ROLE) {
            expect(SESSION, session, "a sessionName of letters, digits and _+=,.@-");
        } else {
            expectNone(session, "sessionName");
        }
        if (principalId.isEmpty()) {
            principalId =
                    switch (type) {
                        case ROOT -> account;
                        case IAM_USER -> made("AIDA", account, name);
                        case ASSUMED_ROLE -> made("AROA", account, name);
                        case FEDERATED_USER -> account + ":" + name;
                        case AWS_SERVICE -> name;
                    };
        }
        expect(ID, principalId, "a principalId of letters, digits and _:.@-");
    }

    /// Reads what files and the catalog say.
    ///
    /// @param type such as `IAMUser`
    /// @throws IllegalArgumentException saying what was expected
    public static Principal of(
            String accessKeyId,
            String type,
            String account,
            String name,
            String session,
            String principalId) {
        return new Principal(accessKeyId, Type.of(type), account, name, session, principalId);
    }

    private static void expect(Pattern pattern, String value, String what) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException("expected %s, got '%s'".formatted(what, value));
        }
    }

    private static void expectNone(String value, String member) {
        if (!value.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected no %s for this type, got '%s'".formatted(member, value));
        }
    }

    private static String made(String prefix, String account, String name) {
        try {
            var hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest((account + "/" + name).getBytes(UTF_8));
            var digits = new BigInteger(1, hash).toString(36).toUpperCase(Locale.ROOT);
            return prefix + digits.substring(0, ID_CHARS);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /// The name without its path.
    String bareName() {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /// Their ARN; empty for a service.
    public String arn() {
        return switch (type) {
            case ROOT -> "arn:aws:iam::%s:root".formatted(account);
            case IAM_USER -> "arn:aws:iam::%s:user/%s".formatted(account, name);
            case ASSUMED_ROLE ->
                    "arn:aws:sts::%s:assumed-role/%s/%s".formatted(account, bareName(), session);
            case FEDERATED_USER -> "arn:aws:sts::%s:federated-user/%s".formatted(account, name);
            case AWS_SERVICE -> "";
        };
    }
}
