// How requests are divided between an old and a new side, as whoever routes them has it: reading
// the weights, and setting them. Nothing is remembered: the live weights are the only truth, so any
// machine can go on where another one stopped.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "execute/context.h"
#include "model/event.h"
#include "model/traffic.h"

#include <memory>
#include <string>
#include <vector>

namespace slipway {

// Weights as they are at AWS: shares of their sum, not percents.
struct Split {
  int old_weight = 0;
  int new_weight = 0;
  bool is_uniform = true;          // false: several names, and they differ
  std::string what;                // "rule app/shop/3f2a", "api.example.com"
  std::vector<std::string> lines;  // a line for each place, for messages
  bool operator==(const Split&) const = default;

  // The new side's share in percent, rounded down unless that hid the last request; -1 when both
  // weights are 0.
  int new_percent() const;
  bool is_all_old() const { return is_uniform && old_weight > 0 && new_weight == 0; }
};

class Weights {
 public:
  virtual ~Weights() = default;

  // kInvalid "weights.…" when what is there is not a pair of ours alone: another forward, a third
  // group, another kind of record. The message says what it is.
  virtual Result<Split> read() = 0;

  // The new side's share in percent, 0 to 100. Journaled first; returns when it is in force and was
  // read back. `is_undo` is the journal's word, and tries harder: for at least five minutes.
  virtual Result<void> set(int new_weight, bool is_undo) = 0;

  // For how long clients may go by the old weights once `set` has returned.
  virtual Duration lag() const = 0;

  // What a person types to set them by hand, one command a line.
  virtual std::vector<std::string> by_hand(int new_weight) const = 0;
};

// Which of the two sides traffic goes to.
struct TrafficDirection {
  TrafficSide old_side;
  TrafficSide new_side;
};

// Borrows all but the values. One function for each mover that has a pair: alb_weights.cc,
// dns_weights.cc.
std::unique_ptr<Weights> alb_weights(Context& context, Subject subject, const AlbMover& mover,
                                     TrafficDirection direction);
std::unique_ptr<Weights> dns_weights(Context& context, Subject subject, const DnsMover& mover,
                                     TrafficDirection direction);
// By the mover. kInternal "traffic.no-pair" for one that knows a single service.
Result<std::unique_ptr<Weights>> weights_of(Context& context, const Subject& subject,
                                            const Mover& mover, const TrafficDirection& direction);

}  // namespace slipway
