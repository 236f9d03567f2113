package dev.cairn.aws.protocol;

import dev.cairn.aws.sigv4.Refusal.Dialect;

/// How requests and answers are spelt.
public enum Protocol {
    /// `application/x-amz-json-1.0`, operation in `X-Amz-Target`.
    JSON_1_0(Dialect.JSON),
    /// `application/x-amz-json-1.1`, operation in `X-Amz-Target`.
    JSON_1_1(Dialect.JSON),
    /// Method and path name the operation, bodies are JSON.
    REST_JSON(Dialect.REST_JSON),
    /// Form parameters in, XML out.
    QUERY(Dialect.QUERY),
    /// The query protocol as EC2 has it.
    EC2(Dialect.QUERY),
    /// Method and path name the operation, bodies are XML.
    REST_XML(Dialect.S3),
    /// CBOR, operation in the path.
    RPC_V2_CBOR(Dialect.JSON);

    private final Dialect dialect;

    Protocol(Dialect dialect) {
        this.dialect = dialect;
    }

    /// Whose names signature refusals have in this protocol.
    public Dialect dialect() {
        return dialect;
    }
}
