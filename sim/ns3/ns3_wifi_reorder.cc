// The release timeout of a Wi-Fi receiver's reorder buffer.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_wifi_reorder.h"

#include <algorithm>
#include <map>

#include "ns3/ht-frame-exchange-manager.h"
#include "ns3/recipient-block-ack-agreement.h"
#include "ns3/wifi-mac.h"

using ns3::HtFrameExchangeManager;
using ns3::RecipientBlockAckAgreement;

namespace {

// ns-3 shows nobody its agreements.  Access is not checked in an explicit
// instantiation.
using Agreements = std::map<std::pair<ns3::Mac48Address, std::uint8_t>,
                            RecipientBlockAckAgreement>;

template <Agreements HtFrameExchangeManager::*MEMBER> struct Received {
  friend Agreements &AgreementsOf(HtFrameExchangeManager &manager) {
    return manager.*MEMBER;
  }
};
Agreements &AgreementsOf(HtFrameExchangeManager &manager);
template struct Received<&HtFrameExchangeManager::m_agreements>;

template <class Frames>
std::optional<std::uint16_t> LastOf(const Frames &frames) {
  if (frames.empty()) {
    return std::nullopt;
  }
  return frames.rbegin()->first.first;
}

template <class Frames> bool Has(const Frames &frames, std::uint16_t seq) {
  return std::any_of(frames.begin(), frames.end(), [seq](const auto &frame) {
    return frame.first.first == seq;
  });
}

using Pass = void (RecipientBlockAckAgreement::*)(std::uint16_t);
using PassRun = void (RecipientBlockAckAgreement::*)();

// Not NotifyReceivedBar, which moves the scoreboard too: frames that the
// originator still repeats would never be acknowledged.
template <auto FRAMES, Pass PASS, PassRun PASS_RUN> struct Buffer {
  friend std::optional<std::uint16_t>
  Newest(const RecipientBlockAckAgreement &agreement) {
    return LastOf(agreement.*FRAMES);
  }
  friend bool Holds(const RecipientBlockAckAgreement &agreement,
                    std::uint16_t seq) {
    return Has(agreement.*FRAMES, seq);
  }
  friend void PassUpTo(RecipientBlockAckAgreement &agreement,
                       std::uint16_t seq) {
    (agreement.*PASS)(seq);
    (agreement.*PASS_RUN)();
  }
};
std::optional<std::uint16_t>
Newest(const RecipientBlockAckAgreement &agreement);
bool Holds(const RecipientBlockAckAgreement &agreement, std::uint16_t seq);
void PassUpTo(RecipientBlockAckAgreement &agreement, std::uint16_t seq);
template struct Buffer<
    &RecipientBlockAckAgreement::m_bufferedMpdus,
    &RecipientBlockAckAgreement::PassBufferedMpdusWithSeqNumberLessThan,
    &RecipientBlockAckAgreement::PassBufferedMpdusUntilFirstLost>;

} // namespace

void HoWifiReorder::Release() {
  auto manager = ns3::StaticCast<HtFrameExchangeManager>(
      m_receiver->GetMac()->GetFrameExchangeManager());
  Agreements &agreements = AgreementsOf(*ns3::PeekPointer(manager));
  auto found = agreements.find({m_from, HO_WIFI_TID});

  if (found == agreements.end()) {
    m_waiting.reset();
    return;
  }
  if (m_waiting && Holds(found->second, *m_waiting)) {
    PassUpTo(found->second, *m_waiting);
  }
  m_waiting = Newest(found->second);
}
