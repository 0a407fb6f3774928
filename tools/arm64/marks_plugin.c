// A plugin of qemu-user (7.2, API 1): how many instructions the guest, all its threads together, ran
// from mark to mark. A mark is the system call getppid, which costs the guest nothing else and which
// no program makes by chance: os.getppid() in Python. One number a line; the first from the start.
// qemu-plugin.h is in no Debian package; the few entry points are declared here.

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
enum { INLINE_ADD_U64 = 0, AARCH64_GETPPID = 173 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, int, void*, uint64_t);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t,
                                                              uint64_t, uint64_t, uint64_t,
                                                              uint64_t, uint64_t, uint64_t,
                                                              uint64_t, uint64_t));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
void qemu_plugin_outs(const char*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t instructions, at_last_mark;

static void translate(plugin_id id, struct qemu_plugin_tb* tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &instructions,
                                           qemu_plugin_tb_n_insns(tb));
}

static void at_system_call(plugin_id id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2,
                           uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,
                           uint64_t a8) {
  (void)id, (void)cpu, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != AARCH64_GETPPID) return;
  char line[32];
  snprintf(line, sizeof line, "%" PRIu64 "\n", instructions - at_last_mark);
  qemu_plugin_outs(line);
  at_last_mark = instructions;
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void* info,
                                                               int argc, char** argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_vcpu_syscall_cb(id, at_system_call);
  return 0;
}
