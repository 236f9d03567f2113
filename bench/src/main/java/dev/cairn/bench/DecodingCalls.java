package dev.cairn.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.bench.Report.Better;
import dev.cairn.gateway.decoding.Answer;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.decoding.Kept;
import dev.cairn.gateway.decoding.ObservedCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What it costs to read a call that passes the gateway: the CPU time of one thread. The peer is
/// Jackson reading, as a tree, the JSON that the same calls carry; where they carry none, the JSON
/// of the record's parts that decoding makes of them.
final class DecodingCalls {
    private static final int CALLS = 20_000;
    private static final int WARM = 5;

    /// Rounds of all kinds of calls before any is measured: a gateway that has been running has
    /// compiled what it uses.
    private static final int WARM_ALL = 60;

    private static final int ROUNDS = 9;
    private static final String ACCOUNT = "123456789012";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Report report;
    private final Decoding decoding =
            new Decoding(new ServiceCatalog(), Set.of(), 1 << 20, "us-east-1");

    DecodingCalls(Report report) {
        this.report = report;
    }

    void run() {
        List<ObservedCall> objects = new ArrayList<>();
        List<ObservedCall> items = new ArrayList<>();
        List<ObservedCall> forms = new ArrayList<>();
        List<ObservedCall> mixed = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            objects.add(i % 3 == 0 ? put(i) : get(i));
            items.add(i % 3 == 0 ? putItem(i) : getItem(i));
            forms.add(i % 3 == 0 ? createUser(i) : describeInstances(i));
            mixed.add(List.of(objects, items, forms).get(i % 3).getLast());
        }
        perSecond(WARM_ALL, CALLS, i -> decode(mixed.get(i)).name().eventName().length());
        figure("calls on objects of S3", objects);
        figure("calls in JSON (DynamoDB, 1 KB)", items);
        figure("calls in forms (IAM, EC2)", forms);
        figure("all of these", mixed);
    }

    private void figure(String what, List<ObservedCall> calls) {
        List<byte[]> json = calls.stream().map(this::json).toList();
        double own =
                perSecond(
                        WARM, calls.size(), i -> decode(calls.get(i)).name().eventName().length());
        double jackson = perSecond(WARM, calls.size(), i -> read(json.get(i)).size());
        report.add(
                "decoding",
                what,
                own,
                "calls/s of one core",
                Better.MORE,
                "Jackson, reading the same JSON as a tree",
                jackson,
                "");
    }

    private DecodedCall decode(ObservedCall call) {
        return decoding.decode(call, null, ACCOUNT);
    }

    /// The JSON that a call carries, or that its record will.
    private byte[] json(ObservedCall call) {
        byte[] body = call.requestBody().bytes();
        if (body.length > 0 && body[0] == '{') {
            return body;
        }
        DecodedCall decoded = decode(call);
        var record = JSON.createObjectNode();
        record.put("eventName", decoded.name().eventName());
        record.set("requestParameters", decoded.requestParameters());
        record.set("responseElements", decoded.responseElements());
        record.set("additionalEventData", decoded.additionalEventData());
        return record.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @FunctionalInterface
    private interface Work {
        int on(int index);
    }

    /// The median over rounds.
    private static double perSecond(int warm, int count, Work work) {
        Sample sample = new Sample();
        long seen = 0;
        for (int round = 0; round < warm + ROUNDS; round++) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < count; i++) {
                seen += work.on(i);
            }
            double seconds = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
            if (round >= warm) {
                sample.add(count / seconds);
            }
        }
        if (seen == 0) {
            throw new IllegalStateException("nothing was read");
        }
        return sample.median();
    }

    private static ObservedCall put(int i) {
        return call(
                "PUT",
                "/finance/2026/11/report-" + i + ".pdf",
                "",
                "s3",
                "",
                answer("", "x-amz-version-id", "v" + i, "x-amz-server-side-encryption", "AES256"),
                "x-amz-storage-class",
                "STANDARD",
                "x-amz-content-sha256",
                "UNSIGNED-PAYLOAD");
    }

    private static ObservedCall get(int i) {
        return call(
                "GET",
                "/finance/2026/11/report-" + i + ".pdf",
                i % 2 == 0 ? "" : "versionId=" + i,
                "s3",
                "",
                answer(""));
    }

    private static ObservedCall putItem(int i) {
        return call(
                "POST",
                "/",
                "",
                "dynamodb",
                "{\"TableName\":\"Music\",\"Item\":{\"Artist\":{\"S\":\"artist "
                        + i
                        + "\"},\"Notes\":{\"S\":\""
                        + "n".repeat(800)
                        + "\"},\"Plays\":{\"N\":\""
                        + i
                        + "\"}},\"ReturnConsumedCapacity\":\"TOTAL\"}",
                answer("{\"ConsumedCapacity\":{\"TableName\":\"Music\",\"CapacityUnits\":1.0}}"),
                "Content-Type",
                "application/x-amz-json-1.0",
                "X-Amz-Target",
                "DynamoDB_20120810.PutItem");
    }

    private static ObservedCall getItem(int i) {
        return call(
                "POST",
                "/",
                "",
                "dynamodb",
                "{\"TableName\":\"Music\",\"Key\":{\"Artist\":{\"S\":\"artist "
                        + i
                        + "\"}},\"ConsistentRead\":true,\"ProjectionExpression\":\""
                        + "p, ".repeat(200)
                        + "q\"}",
                answer("{\"Item\":{\"Artist\":{\"S\":\"artist\"}}}"),
                "Content-Type",
                "application/x-amz-json-1.0",
                "X-Amz-Target",
                "DynamoDB_20120810.GetItem");
    }

    private static ObservedCall createUser(int i) {
        return call(
                "POST",
                "/",
                "",
                "iam",
                "Action=CreateUser&Version=2010-05-08&Path=%2F&UserName=user-"
                        + i
                        + "&Tags.member.1.Key=team&Tags.member.1.Value=finance",
                answer(
                        "<CreateUserResponse><CreateUserResult><User><Path>/</Path><UserName>user-"
                                + i
                                + "</UserName><UserId>AIDA"
                                + i
                                + "</UserId><Arn>arn:aws:iam::123456789012:user/user-"
                                + i
                                + "</Arn><CreateDate>2026-11-21T20:43:17Z</CreateDate></User>"
                                + "</CreateUserResult></CreateUserResponse>"),
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    private static ObservedCall describeInstances(int i) {
        return call(
                "POST",
                "/",
                "",
                "ec2",
                "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-"
                        + i
                        + "&InstanceId.2=i-0abc&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=50",
                answer("<DescribeInstancesResponse/>"),
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    private static Answer answer(String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("x-amzn-RequestId", "11111111-2222-3333-4444-555555555555"));
        return new Answer.Given(
                200,
                Headers.of(all.toArray(String[]::new)),
                Kept.whole(body.getBytes(StandardCharsets.UTF_8)),
                true);
    }

    private static ObservedCall call(
            String method,
            String path,
            String query,
            String service,
            String body,
            Answer answer,
            String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(
                List.of(
                        "Host",
                        service + ".eu-west-1.example.com",
                        "User-Agent",
                        "aws-cli/2.31.0 md/awscrt#0.27 ua/2.1 os/linux lang/python#3.13",
                        "X-Amz-Date",
                        "20261121T204317Z",
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/"
                                + service
                                + "/aws4_request, SignedHeaders=host;x-amz-date, Signature="
                                + "0".repeat(64)));
        return new ObservedCall(
                new Request(method, path, query, Headers.of(all.toArray(String[]::new))),
                Kept.whole(body.getBytes(StandardCharsets.UTF_8)),
                answer,
                "TLS_AES_128_GCM_SHA256");
    }
}
