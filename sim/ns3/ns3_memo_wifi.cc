// What ns-3's Wi-Fi works out for every frame.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_memo.h"

#if !HO_NS3_MEMO

std::string ho::WifiErrorRateModel() {
  return "ns3::TableBasedErrorRateModel";
}

#else

#include <cstring>
#include <utility>

#include "ns3/phy-entity.h"
#include "ns3/table-based-error-rate-model.h"
#include "ns3/wifi-mode.h"
#include "ns3/wifi-phy.h"
#include "ns3/wifi-tx-vector.h"

using namespace ns3;

namespace {

// What durations and rates follow from: all of a TXVECTOR of a single user but
// power, antennas and colour.
using Sending = std::array<std::uint64_t, 2>;

bool HasKey(const WifiTxVector &vector) {
  return vector.GetModeInitialized() && !vector.IsMu() &&
         vector.GetInactiveSubchannels().empty();
}

Sending KeyOf(const WifiTxVector &vector) {
  std::uint64_t mode = vector.GetMode().GetUid();

  return {mode << 32 | std::uint64_t{vector.GetChannelWidth()} << 16 |
              vector.GetGuardInterval(),
          std::uint64_t{vector.GetPreambleType()} << 56 |
              std::uint64_t{vector.GetNss()} << 48 |
              std::uint64_t{vector.GetNess()} << 40 |
              std::uint64_t{vector.IsAggregation()} << 34 |
              std::uint64_t{vector.IsStbc()} << 33 |
              std::uint64_t{vector.IsLdpc()} << 32 | vector.GetLength()};
}

std::uint64_t WordOf(const void *object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

std::uint64_t WordOf(double number) {
  std::uint64_t word;

  static_assert(sizeof(word) == sizeof(number));
  std::memcpy(&word, &number, sizeof(word));
  return word;
}

// TableBasedErrorRateModel, for whose answer the whole TXVECTOR may count where
// it has no table.
class ErrorRates : public ErrorRateModel {
public:
  static TypeId GetTypeId() {
    static TypeId id = TypeId("ho::ErrorRates")
                           .SetParent<ErrorRateModel>()
                           .AddConstructor<ErrorRates>();
    return id;
  }

  bool IsAwgn() const override {
    return m_model->IsAwgn();
  }

private:
  double DoGetChunkSuccessRate(WifiMode mode, const WifiTxVector &vector,
                               double snr, std::uint64_t bits,
                               std::uint8_t antennas, WifiPpduField field,
                               std::uint16_t station) const override {
    auto ask = [&] {
      return m_model->GetChunkSuccessRate(mode, vector, snr, bits, antennas,
                                          field, station);
    };

    if (!HasKey(vector)) {
      return ask();
    }
    Sending key = KeyOf(vector);
    return m_known.Get({key[0], key[1], WordOf(snr), bits,
                        std::uint64_t{mode.GetUid()} << 32 |
                            std::uint64_t{antennas} << 24 |
                            std::uint64_t{field} << 16 | station},
                       ask);
  }

  Ptr<ErrorRateModel> m_model = CreateObject<TableBasedErrorRateModel>();
  mutable ho::Memo<5, double, 128> m_known = {};
};

NS_OBJECT_ENSURE_REGISTERED(ErrorRates);

} // namespace

std::string ho::WifiErrorRateModel() {
  return ErrorRates::GetTypeId().GetName();
}

// Modes are made before main, and stay as they are.
WifiModulationClass WifiMode::GetModulationClass() const {
  static const auto original =
      reinterpret_cast<WifiModulationClass (*)(const WifiMode *)>(
          ho::Original("_ZNK3ns38WifiMode18GetModulationClassEv"));
  static ho::Memo<1, WifiModulationClass, 256> known;

  return known.Get({GetUid()}, [this] { return original(this); });
}

bool WifiMode::IsHigherDataRate(WifiMode mode) const {
  static const auto original =
      reinterpret_cast<bool (*)(const WifiMode *, WifiMode)>(
          ho::Original("_ZNK3ns38WifiMode16IsHigherDataRateES0_"));
  static ho::Memo<1, bool, 256> known;

  return known.Get({std::uint64_t{GetUid()} << 32 | mode.GetUid()},
                   [&] { return original(this, mode); });
}

std::uint64_t WifiMode::GetDataRate(const WifiTxVector &vector,
                                    std::uint16_t station) const {
  static const auto original = reinterpret_cast<std::uint64_t (*)(
      const WifiMode *, const WifiTxVector &, std::uint16_t)>(
      ho::Original("_ZNK3ns38WifiMode11GetDataRateERKNS_12WifiTxVectorEt"));
  static ho::Memo<3, std::uint64_t, 256> known;

  if (!HasKey(vector)) {
    return original(this, vector, station);
  }
  Sending key = KeyOf(vector);
  return known.Get({key[0], key[1], std::uint64_t{GetUid()} << 16 | station},
                   [&] { return original(this, vector, station); });
}

Time PhyEntity::CalculatePhyPreambleAndHeaderDuration(
    const WifiTxVector &vector) const {
  static const auto original =
      reinterpret_cast<Time (*)(const PhyEntity *, const WifiTxVector &)>(
          ho::Original("_ZNK3ns39PhyEntity37CalculatePhyPreambleAndHeaderDurati"
                       "onERKNS_12WifiTxVectorE"));
  static ho::Memo<3, std::int64_t, 256> known;

  if (!HasKey(vector)) {
    return original(this, vector);
  }
  Sending key = KeyOf(vector);
  return Time(known.Get({key[0], key[1], WordOf(this)},
                        [&] { return original(this, vector).GetTimeStep(); }));
}

Time WifiPhy::CalculatePhyPreambleAndHeaderDuration(
    const WifiTxVector &vector) {
  static const auto original = reinterpret_cast<Time (*)(const WifiTxVector &)>(
      ho::Original("_ZN3ns37WifiPhy37CalculatePhyPreambleAndHeaderDurationERKNS"
                   "_12WifiTxVectorE"));
  static ho::Memo<2, std::int64_t, 256> known;

  if (!HasKey(vector)) {
    return original(vector);
  }
  return Time(
      known.Get(KeyOf(vector), [&] { return original(vector).GetTimeStep(); }));
}

Time WifiPhy::CalculateTxDuration(std::uint32_t bytes,
                                  const WifiTxVector &vector, WifiPhyBand band,
                                  std::uint16_t station) {
  static const auto original = reinterpret_cast<Time (*)(
      std::uint32_t, const WifiTxVector &, WifiPhyBand, std::uint16_t)>(
      ho::Original("_ZN3ns37WifiPhy19CalculateTxDurationEjRKNS_12WifiTxVectorEN"
                   "S_11WifiPhyBandEt"));
  static ho::Memo<3, std::int64_t, 1024> known;

  if (!HasKey(vector)) {
    return original(bytes, vector, band, station);
  }
  Sending key = KeyOf(vector);
  return Time(known.Get(
      {key[0], key[1],
       std::uint64_t{bytes} << 32 | std::uint64_t{band} << 16 | station},
      [&] { return original(bytes, vector, band, station).GetTimeStep(); }));
}

#endif
