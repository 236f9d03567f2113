package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.server.http.SpooledBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrincipalOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestParts parts;
    private final Principals principals;
    private final PrincipalOperations operations;

    PrincipalOperationsTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
        principals = new Principals(parts.catalog, parts.accounts);
        operations = new PrincipalOperations(principals);
    }

    private static Invocation call(String input) throws IOException {
        return new Invocation(
                Caller.root(TestParts.ACCOUNT, "AKIA0"),
                "us-east-1",
                (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    private ObjectNode put(String input) throws IOException, CatalogException {
        var call = call(input);
        return parts.catalog.<ObjectNode, RuntimeException>write(
                transaction -> operations.put(call, transaction));
    }

    @Test
    void all_of_them_are_entered_or_none() throws Exception {
        assertThatThrownBy(() ->
                        put(
                                """
                                {'principals':[{'accessKeyId':'AKIA1','type':'IAMUser','accountId':'111122223333','name':'mary'},
                                {'accessKeyId':'AKIA2','type':'IAMUser','accountId':'111122223333'}]}\
                                """))
                .isInstanceOfSatisfying(
                        Failure.class,
                        refused ->
                                assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_PARAMETER))
                .hasMessageContaining("principals[1]: expected a name");
        assertThat(principals.list("", 10)).isEmpty();

        assertThat(
                        put("""
                        {'principals':[{'accessKeyId':'AKIA1','type':'IAMUser','accountId':'111122223333','name':'mary'},
                        {'accessKeyId':'AKIA2','type':'AssumedRole','accountId':'111122223333','name':'ci','sessionName':'7'}]}\
                        """)
                                .path("count")
                                .asInt())
                .isEqualTo(2);
    }

    @Test
    void they_are_listed_page_by_page_and_taken_out() throws Exception {
        for (var i = 0; i < 5; i++) {
            put(
                    "{'principals':[{'accessKeyId':'AKIA%d','type':'Root','accountId':'111122223333'}]}"
                            .formatted(i));
        }
        var keys = new ArrayList<String>();
        var token = "";
        do {
            var page = operations.list(call("{'limit':2,'nextToken':'%s'}".formatted(token)));
            page.path("principals").forEach(one -> keys.add(one.path("accessKeyId").asText()));
            token = page.path("nextToken").asText("");
        } while (!token.isEmpty());
        assertThat(keys).containsExactly("AKIA0", "AKIA1", "AKIA2", "AKIA3", "AKIA4");

        var remove = call("{'accessKeyId':'AKIA3'}");
        parts.catalog.<ObjectNode, RuntimeException>write(
                transaction -> operations.delete(remove, transaction));
        assertThat(principals.find("AKIA3")).isEmpty();
        assertThatThrownBy(() ->
                        parts.catalog.<ObjectNode, RuntimeException>write(
                                transaction -> operations.delete(remove, transaction)))
                .isInstanceOfSatisfying(
                        Failure.class,
                        refused ->
                                assertThat(refused.code())
                                        .isEqualTo(ErrorCode.ACCESS_KEY_NOT_FOUND));
    }
}
