// A plugin of qemu-user (7.2, API 1): which blocks of instructions run, and how often, between two
// calls of the guest's function count_here. For every interval it writes
//   instructions  address-of-the-block-with-most-of-them  its-instructions  its-executions
// qemu-plugin.h is in no Debian package; the few entry points are declared here.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0, NO_REGISTERS = 0 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb*, void (*)(unsigned, void*), int,
                                          void*);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, int, void*, uint64_t);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
const char* qemu_plugin_insn_symbol(const struct qemu_plugin_insn*);
void qemu_plugin_outs(const char*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct block {
  uint64_t address, instructions;
  uint64_t executions, executions_before;
  struct block* next;
};

static struct block* blocks;
static int inside;

static struct block* block_at(uint64_t address, uint64_t instructions) {
  for (struct block* b = blocks; b != NULL; b = b->next) {
    if (b->address == address && b->instructions == instructions) return b;
  }
  struct block* b = calloc(1, sizeof *b);
  if (b == NULL) abort();
  *b = (struct block){address, instructions, 0, 0, blocks};
  return blocks = b;
}

static void at_mark(unsigned cpu, void* unused) {
  (void)cpu;
  (void)unused;
  uint64_t total = 0, most = 0, most_runs = 0;
  const struct block* hottest = NULL;
  for (struct block* b = blocks; b != NULL; b = b->next) {
    const uint64_t runs = b->executions - b->executions_before;
    b->executions_before = b->executions;
    total += runs * b->instructions;
    if (runs * b->instructions > most) {
      most = runs * b->instructions;
      most_runs = runs;
      hottest = b;
    }
  }
  if (inside) {
    char line[128];
    snprintf(line, sizeof line, "%" PRIu64 " 0x%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", total,
             hottest == NULL ? 0 : hottest->address, hottest == NULL ? 0 : hottest->instructions,
             most_runs);
    qemu_plugin_outs(line);
  }
  inside = !inside;
}

static void translate(plugin_id id, struct qemu_plugin_tb* tb) {
  (void)id;
  const char* symbol = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, 0));
  if (symbol != NULL && strcmp(symbol, "count_here") == 0) {
    qemu_plugin_register_vcpu_tb_exec_cb(tb, at_mark, NO_REGISTERS, NULL);
    return;
  }
  struct block* block = block_at(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));
  qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &block->executions, 1);
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void* info,
                                                               int argc, char** argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
