package dev.cairn.recorder.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KindsTest {
    @Test
    void names_tell_and_the_table_sets_right() {
        assertThat(Kinds.readOnly("ec2", "DescribeInstances")).isTrue();
        assertThat(Kinds.readOnly("dynamodb", "BatchGetItem")).isTrue();
        assertThat(Kinds.readOnly("ec2", "RunInstances")).isFalse();
        assertThat(Kinds.readOnly("sns", "Listen")).isFalse();
        assertThat(Kinds.readOnly("sts", "AssumeRole")).isTrue();
        assertThat(Kinds.readOnly("sts", "GetSessionToken")).isFalse();
        assertThat(Kinds.readOnly("kms", "Decrypt")).isTrue();
    }

    @Test
    void what_works_on_content_is_a_data_event() {
        assertThat(Kinds.management("dynamodb", "PutItem")).isFalse();
        assertThat(Kinds.management("dynamodb", "CreateTable")).isTrue();
        assertThat(Kinds.management("s3", "PutObject")).isFalse();
        assertThat(Kinds.management("s3", "ListObjectsV2")).isFalse();
        assertThat(Kinds.management("s3", "UploadPart")).isFalse();
        assertThat(Kinds.management("s3", "CreateBucket")).isTrue();
        assertThat(Kinds.management("s3", "PutBucketPolicy")).isTrue();
        assertThat(Kinds.management("s3", "PutObjectLockConfiguration")).isTrue();
    }
}
