package dev.cairn.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BucketOpeningTest {
    private static boolean opens(String name, String parameters) {
        return opens(name, parameters, "");
    }

    private static boolean opens(String name, String parameters, String more) {
        String record =
                "{'eventVersion':'1.08','eventTime':'2026-11-20T09:00:00Z','eventSource':'s3.amazonaws.com','eventName':'%s','eventID':'id','requestParameters':%s%s}"
                        .formatted(name, parameters, more)
                        .replace('\'', '"');
        return switch (EventReader.lenient().read(record.getBytes(UTF_8), Instant.EPOCH)) {
            case Parsed.Read(var event) -> BucketOpening.opens(event);
            case Parsed.Refused refused -> throw new AssertionError(refused.message());
        };
    }

    private static boolean policy(String statement) {
        return opens("PutBucketPolicy", "{'bucketPolicy':{'Statement':[%s]}}".formatted(statement));
    }

    @Test
    void lists_that_name_everyone_open() {
        for (String open :
                List.of(
                        "{'x-amz-acl':'public-read'}",
                        "{'x-amz-acl':['public-read-write']}",
                        "{'x-amz-acl':'authenticated-read'}",
                        "{'x-amz-grant-read':'uri=http://acs.amazonaws.com/groups/global/AllUsers'}",
                        "{'AccessControlPolicy':{'AccessControlList':{'Grant':[{'Grantee':{'ID':'a'}},{'Grantee':{'URI':'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'}}]}}}")) {
            for (String name :
                    List.of("PutBucketAcl", "PutObjectAcl", "CreateBucket", "PutObject")) {
                assertThat(opens(name, open)).as(open).isTrue();
            }
            assertThat(opens("GetBucketAcl", open)).isFalse();
            assertThat(opens("PutBucketAcl", open, ",'errorCode':'AccessDenied'")).isFalse();
        }
        for (String closed :
                List.of(
                        "null",
                        "{'x-amz-acl':'private'}",
                        "{'bucketName':'public-read'}",
                        "{'AccessControlPolicy':{'AccessControlList':{'Grant':{'Grantee':{'URI':'http://acs.amazonaws.com/groups/s3/LogDelivery'}}}}}")) {
            assertThat(opens("PutBucketAcl", closed)).as(closed).isFalse();
        }
    }

    @Test
    void policies_that_let_everyone_in_open() {
        for (String open :
                List.of(
                        "{'Effect':'Allow','Principal':'*'}",
                        "{'Effect':'Allow','Principal':{'AWS':'*'}}",
                        "{'Effect':'Allow','Principal':{'AWS':['arn:aws:iam::1:root','*']}}",
                        "{'Effect':'Allow','NotPrincipal':{'AWS':'arn:aws:iam::1:root'}}",
                        "{'Effect':'Deny','Principal':'*'},{'Effect':'Allow','Principal':'*'}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'Bool':{'aws:SecureTransport':'true'}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'IpAddress':{'aws:SourceIp':['10.0.0.0/8','0.0.0.0/0']}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}}}")) {
            assertThat(policy(open)).as(open).isTrue();
        }
        for (String vain :
                List.of(
                        "'Null':{'aws:PrincipalOrgID':'true'}",
                        "'StringEqualsIfExists':{'aws:PrincipalOrgID':'o-1'}",
                        "'IpAddressIfExists':{'aws:SourceIp':'10.0.0.0/8'}",
                        "'ForAllValues:StringEquals':{'aws:PrincipalOrgPaths':'o-1/r-1/'}",
                        "'StringLike':{'aws:PrincipalArn':'arn:*'}",
                        "'StringLike':{'aws:userid':['AIDA1','?*']}",
                        "'StringEquals':{'aws:userid':'${aws:userid}'}",
                        "'StringEquals':{'aws:PrincipalOrgID':[]}",
                        "'ArnLike':{'aws:SourceArn':'arn:aws:s3:::*'}",
                        "'IpAddress':{'aws:SourceIp':['0.0.0.0/1','128.0.0.0/1']}",
                        "'IpAddress':{'aws:SourceIp':'2000::/3'}",
                        "'IpAddress':{'aws:SourceIp':'*'}",
                        "'StringNotEquals':{'aws:PrincipalOrgID':'o-1'}")) {
            assertThat(
                            policy(
                                    "{'Effect':'Allow','Principal':'*','Condition':{%s}}"
                                            .formatted(vain)))
                    .as(vain)
                    .isTrue();
        }
        for (String closed :
                List.of(
                        "{'Effect':'Allow','Principal':'*','Condition':{'StringEqualsIgnoreCase':{'aws:userid':['AIDA1','AIDA2']}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'ForAnyValue:StringEquals':{'aws:PrincipalOrgPaths':'o-1/r-1/'}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::1:root'}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'Bool':{'aws:SecureTransport':'true'},'StringLike':{'aws:SourceVpc':'vpc-1'}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'IpAddress':{'aws:SourceIp':['192.0.2.1','2001:db8::/32']}}}",
                        "{'Effect':'Deny','Principal':'*'}",
                        "{'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::1:root'}}",
                        "{'Effect':'Allow','Principal':{'Service':'*.amazonaws.com'}}",
                        "{'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::1:root'}},{'Effect':'Deny','Principal':'*'}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'StringEquals':{'aws:PrincipalOrgID':'o-1'}}}",
                        "{'Effect':'Allow','Principal':'*','Condition':{'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}}")) {
            assertThat(policy(closed)).as(closed).isFalse();
        }
        assertThat(
                        opens(
                                "PutBucketPolicy",
                                "{'bucketPolicy':'{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":\\\"*\\\"}}'}"))
                .isTrue();
        assertThat(opens("PutBucketPolicy", "{'bucketPolicy':'no policy'}")).isFalse();
        assertThat(opens("PutBucketPolicy", "null")).isFalse();
    }

    @Test
    void access_blocks_that_are_taken_away_open() {
        assertThat(opens("DeleteBucketPublicAccessBlock", "{'bucketName':'b'}")).isTrue();
        String block =
                "{'PublicAccessBlockConfiguration':{'BlockPublicAcls':%s,'IgnorePublicAcls':true,'BlockPublicPolicy':'true','RestrictPublicBuckets':true}}";
        assertThat(opens("PutBucketPublicAccessBlock", block.formatted("false"))).isTrue();
        assertThat(opens("PutBucketPublicAccessBlock", block.formatted("'false'"))).isTrue();
        assertThat(opens("PutBucketPublicAccessBlock", block.formatted("true"))).isFalse();
        // What is left out is off.
        String part = "{'PublicAccessBlockConfiguration':{'BlockPublicAcls':true}}";
        assertThat(opens("PutBucketPublicAccessBlock", part)).isTrue();
        assertThat(opens("PutAccountPublicAccessBlock", "null")).isTrue();
    }
}
