/*
 * A slow wire between two network namespaces: it copies Ethernet frames between two TAP interfaces, both ways, with delay, loss and a rate.
 * For kernels without netem. It ends when its parent does, and its interfaces end with it.
 *
 *   delay-box NAMESPACE INTERFACE NAMESPACE INTERFACE DELAY_MS LOSS_PERCENT RATE_MBIT SEED
 *
 * Each direction by itself: a frame is lost by chance, waits for its turn at the rate (0: no limit; what would wait longer than the queue
 * allows is dropped), then takes the delay. Prints "ready" once both interfaces exist.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A home router's queue: 0.1 s at its rate, and one burst of segmented TCP. */
#define QUEUE_SECONDS 0.1
#define BURST_BYTES 65536

#define RING_FRAMES 65536
#define FRAME_BYTES 65600
/* So many frames of one direction are read before the other gets its turn. */
#define READ_FRAMES 64
/* While frames come, the box looks so often: to wake for each of them took it a third of a core at 7 MB/s, which the browsers lacked. */
#define LOOK_SECONDS 0.0002

struct frame {
  unsigned char *bytes;
  int length;
  double arrives;
};

struct direction {
  int from, to;
  struct frame ring[RING_FRAMES];
  unsigned first, end;
  /* When the wire has sent everything that it has accepted, in seconds. */
  double idle_at;
};

static double delay_seconds, loss, bytes_per_second;
static struct direction directions[2];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* Moves this process into the namespace and makes a TAP interface there. */
static int open_tap(const char *name_space, const char *interface) {
  char path[256];
  snprintf(path, sizeof path, "/var/run/netns/%s", name_space);
  int handle = open(path, O_RDONLY | O_CLOEXEC);
  if (handle < 0 || setns(handle, CLONE_NEWNET) < 0) fail(name_space);
  close(handle);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) fail("/dev/net/tun");
  struct ifreq request = {0};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (ioctl(tap, TUNSETIFF, &request) < 0) fail(interface);
  return tap;
}

/* When the wire has sent a frame that comes at `time`, or a negative number where the queue has no room for it. */
static double sent_at(struct direction *wire, int length, double time) {
  if (bytes_per_second == 0) return time;
  double start = wire->idle_at > time ? wire->idle_at : time;
  if ((start - time) * bytes_per_second > QUEUE_SECONDS * bytes_per_second + BURST_BYTES) return -1;
  wire->idle_at = start + length / bytes_per_second;
  return wire->idle_at;
}

static void accept_frame(struct direction *wire, const unsigned char *bytes, int length, double time) {
  if (drand48() < loss || wire->end - wire->first == RING_FRAMES) return;
  double sent = sent_at(wire, length, time);
  if (sent < 0) return;
  struct frame *frame = &wire->ring[wire->end++ % RING_FRAMES];
  frame->bytes = malloc(length);
  if (frame->bytes == NULL) fail("malloc");
  memcpy(frame->bytes, bytes, length);
  frame->length = length;
  frame->arrives = sent + delay_seconds;
}

/* Returns how many there were. */
static int read_frames(struct direction *wire) {
  static unsigned char bytes[FRAME_BYTES];
  double time = now();
  int count = 0;
  for (; count < READ_FRAMES; count++) {
    int length = read(wire->from, bytes, sizeof bytes);
    if (length <= 0) break;
    accept_frame(wire, bytes, length, time);
  }
  return count;
}

/* Hands over what has arrived; a full interface loses it, as a wire would. Returns when the next frame arrives, or 0. */
static double deliver(struct direction *wire, double time) {
  while (wire->first != wire->end) {
    struct frame *frame = &wire->ring[wire->first % RING_FRAMES];
    if (frame->arrives > time) return frame->arrives;
    (void)!write(wire->to, frame->bytes, frame->length);
    free(frame->bytes);
    wire->first++;
  }
  return 0;
}

static double earlier(double a, double b) {
  if (a == 0 || b == 0) return a + b;
  return a < b ? a : b;
}

/* Waits for so long, or without end where it is 0 or less, and for no longer than until a frame comes to one of `count` interfaces. */
static void wait_for(struct pollfd *waiting, int count, double seconds) {
  struct timespec time = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
  ppoll(waiting, count, seconds > 0 ? &time : NULL, NULL);
}

static void run(void) {
  struct pollfd waiting[2] = {{directions[0].from, POLLIN, 0}, {directions[1].from, POLLIN, 0}};
  for (;;) {
    double time = now();
    double arrives = earlier(deliver(&directions[0], time), deliver(&directions[1], time));
    int count = read_frames(&directions[0]) + read_frames(&directions[1]);
    if (count > 0) wait_for(waiting, 0, LOOK_SECONDS);
    else wait_for(waiting, 2, arrives > 0 ? arrives - time : 0);
  }
}

int main(int count, char **arguments) {
  if (count != 9) {
    fprintf(stderr, "delay-box NAMESPACE INTERFACE NAMESPACE INTERFACE DELAY_MS LOSS_PERCENT RATE_MBIT SEED\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* A wire does not slow down because browsers keep the processors busy. */
  if (setpriority(PRIO_PROCESS, 0, -20) < 0) fail("setpriority");
  int a = open_tap(arguments[1], arguments[2]), b = open_tap(arguments[3], arguments[4]);
  directions[0].from = directions[1].to = a;
  directions[1].from = directions[0].to = b;
  delay_seconds = atof(arguments[5]) / 1e3;
  loss = atof(arguments[6]) / 100;
  bytes_per_second = atof(arguments[7]) * 1e6 / 8;
  srand48(atol(arguments[8]));
  printf("ready\n");
  fflush(stdout);
  run();
}
