package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalFileTest {
    @TempDir private Path folder = Path.of("");

    private String read(String text) throws Exception {
        return PrincipalFile.read(Files.writeString(folder.resolve("users"), text)).toString();
    }

    @Test
    void columns_come_in_any_order_and_values_may_be_quoted() throws Exception {
        assertThat(
                        read(
                                """
                                \uFEFFtype,accessKeyId,name,accountId\r
                                IAMUser,AKIA1,"a,""b\"""\t,111122223333\r

                                Root, AKIA2 ,,111122223333\
                                """))
                .isEqualTo(
                        "[{\"type\":\"IAMUser\",\"accessKeyId\":\"AKIA1\",\"name\":\"a,\\\"b\\\"\",\"accountId\":\"111122223333\"},"
                                + "{\"type\":\"Root\",\"accessKeyId\":\"AKIA2\",\"accountId\":\"111122223333\"}]");
        assertThat(read("")).isEqualTo("[]");
    }

    @Test
    void json_is_taken_as_it_is() throws Exception {
        assertThat(read(" [{\"accessKeyId\":\"AKIA1\"}]"))
                .isEqualTo("[{\"accessKeyId\":\"AKIA1\"}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key,type\nA,B\n",
                "accessKeyId,type\nA\n",
                "accessKeyId,type\nA,\"B\n",
                "[{",
                "[] x"
            })
    void what_is_neither_is_refused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(CommandException.class);
    }
}
