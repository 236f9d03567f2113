package dev.cairn.testkit.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Writes records, members in the order AWS has them.
final class RecordForm {
    private final StringBuilder out = new StringBuilder(4_096);
    private final Slots slots;

    RecordForm(Slots slots) {
        this.slots = slots;
    }

    /// An API call. The slots must have begun this event.
    byte[] call(
            Version version,
            Actor actor,
            String region,
            Instant time,
            Call call,
            @Nullable Failure failure) {
        out.setLength(0);
        head(version, actor.userIdentity(), time, call.service(), call.name(), region);
        origin(actor.sourceIp(), actor.userAgent());
        if (failure != null) {
            out.append(",\"errorCode\":\"").append(failure.code());
            out.append("\",\"errorMessage\":\"").append(failure.message()).append('"');
        }
        template(",\"requestParameters\":", call.request(), false);
        template(",\"responseElements\":", call.answer(), failure != null);
        if (call.service().equals("s3")) {
            out.append(
                            ",\"additionalEventData\":{\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"bytesTransferredIn\":0,\"SSEApplied\":\"SSE_KMS\",\"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"")
                    .append(slots.base64(75))
                    .append("=\",\"bytesTransferredOut\":")
                    .append(200 + slots.value("hex8").hashCode() % 200)
                    .append('}');
        }
        out.append(",\"requestID\":\"").append(slots.uuid());
        out.append("\",\"eventID\":\"").append(slots.uuid());
        out.append("\",\"readOnly\":").append(call.readOnly());
        if (call.resources() != null && failure == null) {
            out.append(",\"resources\":");
            call.resources().fill(out, slots);
        }
        out.append(",\"eventType\":\"AwsApiCall\"");
        if (call.apiVersion() != null) {
            out.append(",\"apiVersion\":\"").append(call.apiVersion()).append('"');
        }
        tail(version, actor.cast().account(), call.data());
        if (version.atLeast(8) && !actor.byService()) {
            if (!actor.fromConsole()) {
                out.append(
                        ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"");
                out.append(call.service()).append('.').append(region).append(".amazonaws.com\"}");
            } else {
                out.append(",\"sessionCredentialFromConsole\":\"true\"");
            }
        }
        return end();
    }

    /// A sign-in to the console.
    byte[] signIn(Version version, Actor actor, String userName, Instant time, boolean success) {
        out.setLength(0);
        String account = actor.cast().account();
        String identity =
                userName.equals("root")
                        ? "{\"type\":\"Root\",\"principalId\":\"%1$s\",\"arn\":\"arn:aws:iam::%1$s:root\",\"accountId\":\"%1$s\",\"accessKeyId\":\"\"}"
                                .formatted(account)
                        : "{\"type\":\"IAMUser\",\"principalId\":\"%s\",\"arn\":\"arn:aws:iam::%2$s:user/%3$s\",\"accountId\":\"%2$s\",\"userName\":\"%3$s\"}"
                                .formatted(Actor.userId(actor.cast(), userName), account, userName);
        head(version, identity, time, "signin", "ConsoleLogin", "us-east-1");
        origin(actor.sourceIp(), actor.userAgent());
        if (!success) {
            out.append(",\"errorMessage\":\"Failed authentication\"");
        }
        out.append(",\"requestParameters\":null,\"responseElements\":{\"ConsoleLogin\":\"");
        out.append(success ? "Success" : "Failure").append("\"}");
        out.append(
                ",\"additionalEventData\":{\"LoginTo\":\"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&nc2=h_ct&src=header-signin\",\"MobileVersion\":\"No\"");
        if (actor.mfa()) {
            out.append(",\"MFAIdentifier\":\"arn:aws:iam::").append(account).append(":mfa/");
            out.append(userName).append('"');
        }
        out.append(",\"MFAUsed\":\"").append(actor.mfa() ? "Yes" : "No").append("\"}");
        out.append(",\"eventID\":\"").append(slots.uuid());
        out.append("\",\"readOnly\":false,\"eventType\":\"AwsConsoleSignIn\"");
        tail(version, account, false);
        if (version.atLeast(8)) {
            out.append(
                    ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"us-east-1.signin.aws.amazon.com\"}");
        }
        return end();
    }

    /// Something an AWS service did by itself: KMS rotates a key.
    byte[] keyRotation(Version version, Cast cast, String region, Instant time) {
        out.setLength(0);
        String identity =
                "{\"accountId\":\"" + cast.account() + "\",\"invokedBy\":\"AWS Internal\"}";
        head(version, identity, time, "kms", "RotateKey", region);
        origin("AWS Internal", "AWS Internal");
        out.append(",\"requestParameters\":null,\"responseElements\":null,\"eventID\":\"");
        out.append(slots.uuid()).append("\",\"readOnly\":false,\"resources\":[{\"accountId\":\"");
        out.append(cast.account()).append("\",\"type\":\"AWS::KMS::Key\",\"ARN\":\"");
        out.append(slots.value("kmskeyarn")).append("\"}],\"eventType\":\"AwsServiceEvent\"");
        out.append(",\"serviceEventDetails\":{\"keyId\":\"").append(slots.value("kmskey"));
        out.append("\"}");
        tail(version, cast.account(), false);
        return end();
    }

    private void head(
            Version version,
            String identity,
            Instant time,
            String service,
            String name,
            String region) {
        out.append("{\"eventVersion\":\"").append(version.text());
        out.append("\",\"userIdentity\":").append(identity);
        out.append(",\"eventTime\":\"").append(time.truncatedTo(ChronoUnit.SECONDS));
        out.append("\",\"eventSource\":\"").append(service);
        out.append(".amazonaws.com\",\"eventName\":\"").append(name);
        out.append("\",\"awsRegion\":\"").append(region).append('"');
    }

    private void origin(String sourceIp, String userAgent) {
        out.append(",\"sourceIPAddress\":\"").append(sourceIp);
        out.append("\",\"userAgent\":\"").append(userAgent).append('"');
    }

    private void template(String member, @Nullable Template template, boolean leaveOut) {
        out.append(member);
        if (template == null || leaveOut) {
            out.append("null");
        } else {
            template.fill(out, slots);
        }
    }

    private void tail(Version version, String account, boolean data) {
        if (version.atLeast(6)) {
            out.append(",\"managementEvent\":").append(!data);
        }
        out.append(",\"recipientAccountId\":\"").append(account).append('"');
        if (version.atLeast(7)) {
            out.append(",\"eventCategory\":\"").append(data ? "Data" : "Management").append('"');
        }
    }

    private byte[] end() {
        out.append('}');
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// `eventVersion`, 1.05 to 1.11.
    enum Version {
        V05(5),
        V06(6),
        V07(7),
        V08(8),
        V09(9),
        V10(10),
        V11(11);

        private final int minor;

        Version(int minor) {
            this.minor = minor;
        }

        boolean atLeast(int least) {
            return minor >= least;
        }

        String text() {
            return "1." + name().substring(1);
        }
    }

    /// Why a call did not succeed.
    record Failure(String code, String message) {}
}
